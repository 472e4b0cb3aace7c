"""Public shopping benchmarks, each a record in its own module: `ecom benchmark NAME PATH`.

base.py       what a benchmark is: reading, words, the authors' measures
measures.py   measures that several share
asking.py     questions -> answers, through `ecom predict`
scores.py     answers -> scores by the authors' rules and ours
job.py        all of it, and the report (report.py)
general/      lm-eval's tasks on a recipe's models: `ecom benchmark RECIPE --general TASK,…`
"""

from ecom.benchmark import (
    amazon_m2,
    chinese_ecom_qa,
    ecinstruct,
    ecom_eval,
    ecominstruct,
    esci,
    intention_qa,
    shopping_mmlu,
)
from ecom.benchmark.base import Benchmark

BENCHMARKS: dict[str, Benchmark] = {
    benchmark.name: benchmark
    for benchmark in (
        shopping_mmlu.BENCHMARK,
        ecinstruct.BENCHMARK,
        intention_qa.BENCHMARK,
        ecom_eval.BENCHMARK,
        esci.BENCHMARK,
        chinese_ecom_qa.BENCHMARK,
        ecominstruct.BENCHMARK,
        amazon_m2.BENCHMARK,
    )
}
