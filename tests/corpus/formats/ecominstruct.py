"""EcomInstruct's task folders: topics of reviews, and entities, one of them in Chinese."""

import json
from pathlib import Path
from typing import Any

from tests.corpus.bazaar import COLORS, json_lines, products

_TOPICS = ("Food", "Price", "Service", "Place", "Style")
_SAID = ("it tastes of nothing", "it is cheap", "they were kind", "the shop is small", "it suits")
_ZH = dict(zip(COLORS, ("红色", "蓝色", "绿色", "黑色", "白色", "灰色"), strict=True))


def _task(folder: Path, asked: str, labels: list[str], rows: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True)
    meta = {
        "task": folder.name,
        "defi": "review topic",
        "label_key": "own",
        "label_sep": ", ",
        "label_set": {"own": labels},
        "test_prompt": {"instruction": asked},
    }
    (folder / "meta-info.json").write_text(json.dumps(meta), encoding="utf-8")
    json_lines(folder / "test.json", rows)


def write(folder: Path) -> dict[str, Any]:
    root, shop = folder / "ecominstruct", products(60)
    topics = [
        {
            "sentences": f"About number {n}: {_SAID[n % 5]}, and {_SAID[(n + 1) % 5]}.",
            "labels": {"own": [_TOPICS[n % 5], _TOPICS[(n + 1) % 5]]},
        }
        for n in range(60)
    ]
    asked = "### Instruction:\n{sentences}\nSort the above by topic: {label_set}.\n### Response:"
    _task(root / "A" / "tasks" / "EN-Shop-CLS-topic", asked, list(_TOPICS), topics)
    entities = []
    for one in shop:
        brand, color, _, number = one.title.split()
        spans = [{"term": brand, "type": "品牌"}, {"term": _ZH[color], "type": "颜色"}]
        entities.append({"sentences": f"{brand} {_ZH[color]}商品 {number}", "spans": spans})
    asked = "### Instruction:\n识别下面文本中的实体：{label_set}\n{sentences}\n### Response:"
    _task(root / "B" / "tasks" / "ZH-Shop-NER-NER", asked, ["品牌", "颜色", "尺码"], entities)
    return {"path": str(root)}
