"""What a question's form lets the engine write, and how the answer is read. For serve and predict.

prompt ─► form, labels offered ─► sampling ─► (vLLM, numbers by NumbersOnly) ─► text ─► answer

multiple choice       one token, a label that the prompt offers; the probability of each
retrieval, ranking    "a,b,c": distinct numbers of items that the prompt lists
all other forms       their own token limit

asking.py is the whole path of a question, decoding.py the part that depends on its form.
"""

from ecom.lanes.asking import (
    LANES,
    SAMPLING,
    Asked,
    Asker,
    Encoded,
    LaneName,
    encode,
    failed,
)
from ecom.lanes.decoding import ANY_LABELS, Lane, confidences, label_ids, lane, read, too_long
from ecom.lanes.written import Written

__all__ = [
    "ANY_LABELS",
    "LANES",
    "SAMPLING",
    "Asked",
    "Asker",
    "Encoded",
    "Lane",
    "LaneName",
    "Written",
    "confidences",
    "encode",
    "failed",
    "label_ids",
    "lane",
    "read",
    "too_long",
]
