import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from ecom.corpus import quality
from ecom.corpus.config import Quality
from ecom.corpus.quality import scorer
from ecom.errors import InputError

pytestmark = pytest.mark.model

PAIRS = [
    ("Which of these is a shoe?\n0. red boot\n1. lamp\nAnswer:", "0"),
    ("Extract the brand: blue Nordlicht lamp", "Nordlicht"),
    ("x", "A long answer about a red shoe of leather, and a blue lamp of metal."),
    ("Say something about the lamp. " * 12, "Ein roter Schuh aus Leder"),
    ("", "Größe 42"),
]


@pytest.fixture(autouse=True, params=[10**9, 40])
def batch_tokens(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything in one batch, or hardly two rows."""
    monkeypatch.setattr(quality, "BATCH_TOKENS", request.param)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """A random BERT with two labels, and a word-level tokenizer."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    words = sorted({word for pair in PAIRS for text in pair for word in text.split()})
    vocabulary = {w: i for i, w in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    backend.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=64,
        initializer_range=0.5,
        id2label={0: "bad", 1: "good"},
        label2id={"bad": 0, "good": 1},
    )
    path = tmp_path_factory.mktemp("classifier")
    BertForSequenceClassification(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def plain_loss(model: Any, before: Sequence[int], answer: Sequence[int]) -> float:
    """Mean of -log p(token | all before it), one token after the other."""
    losses: list[float] = []
    for index, token in enumerate(answer):
        ids = torch.tensor([[*before, *answer[:index]]])
        losses.append(-model(ids).logits[0, -1].log_softmax(-1)[token].item())
    return sum(losses) / len(losses)


def test_base_loss_is_the_share_of_the_loss_that_the_prompt_takes_away(tiny_model: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    found = scorer(Quality(by="base_loss"), str(tiny_model))(PAIRS)

    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).eval()
    start = tokenizer.bos_token_id or tokenizer.eos_token_id
    with torch.inference_mode():
        for score, (prompt, output) in zip(found, PAIRS, strict=True):
            answer = tokenizer(output, add_special_tokens=False).input_ids
            asked = tokenizer(prompt + "\n", add_special_tokens=False).input_ids
            after = plain_loss(model, [start, *asked], answer)
            assert score == pytest.approx(1 - after / plain_loss(model, [start], answer), abs=1e-5)


def test_base_loss_of_long_rows_looks_at_the_end_of_the_prompt(tiny_model: Path) -> None:
    score = scorer(Quality(by="base_loss", max_tokens=16), str(tiny_model))
    end = "Which one is the lamp? " * 4

    one, other, cut = score([(f"a {end}", "lamp"), (f"b c {end}", "lamp"), ("x", "lamp " * 50)])

    assert one == pytest.approx(other, abs=1e-6)
    assert cut == pytest.approx(score([("x", "lamp " * 90)])[0], abs=1e-6)


def test_the_named_model_judges_rather_than_the_base(tiny_model: Path) -> None:
    score = scorer(Quality(by="base_loss", model=str(tiny_model)), "no/such-model")

    assert len(score(PAIRS)) == len(PAIRS)
    assert score([]) == []


def test_a_classifier_gives_the_probability_of_the_good_label(classifier: Path) -> None:
    from transformers import AutoTokenizer, BertForSequenceClassification

    settings = Quality(by="classifier", model=str(classifier), good_label="good", max_tokens=32)
    found = scorer(settings, "unused")(PAIRS)

    tokenizer = AutoTokenizer.from_pretrained(classifier)
    model = BertForSequenceClassification.from_pretrained(classifier).eval()
    with torch.inference_mode():
        for score, (prompt, output) in zip(found, PAIRS, strict=True):
            ids = tokenizer(prompt, output, truncation=True, max_length=32, return_tensors="pt")
            want = model(**ids).logits.softmax(-1)[0, 1].item()
            assert score == pytest.approx(want, abs=1e-5)
    assert max(found) - min(found) > 0.01


def test_an_unknown_label_is_named_with_those_there_are(classifier: Path) -> None:
    settings = Quality(by="classifier", model=str(classifier), good_label="great")

    with pytest.raises(InputError, match=r"'great' .* its labels are 'bad', 'good'"):
        scorer(settings, "unused")


def test_a_model_that_is_not_there_or_no_classifier_is_refused(
    tiny_model: Path, tmp_path: Path
) -> None:
    lost = Quality(by="classifier", model=str(tmp_path), good_label="good")
    with pytest.raises(InputError, match="cannot be loaded"):
        scorer(lost, "unused")
    language_model = Quality(by="classifier", model=str(tiny_model), good_label="LABEL_1")
    with pytest.raises(InputError, match=r"has no weights for score\.weight"):
        scorer(language_model, "unused")


@pytest.fixture(scope="module")
def encoder(classifier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The random BERT without its labels, as sentence-transformers saves an encoder."""
    st = pytest.importorskip("sentence_transformers")
    from transformers import AutoTokenizer, BertModel

    body = tmp_path_factory.mktemp("body")
    BertModel.from_pretrained(classifier).save_pretrained(body)
    AutoTokenizer.from_pretrained(classifier).save_pretrained(body)
    path = tmp_path_factory.mktemp("encoder")
    st.SentenceTransformer(str(body), device="cpu").save(str(path))  # with the mean as pooling
    return path


def with_head(encoder: Path, folder: Path, rows: int) -> Path:
    """Return the encoder with a random head of so many rows for two labels."""
    from safetensors.torch import save_file

    shutil.copytree(encoder, folder)
    torch.manual_seed(1)
    head = {"weight": torch.randn(rows, 32), "bias": torch.randn(rows)}
    save_file(head, folder / "model_head.safetensors")
    settings = {"labels": ["bad", "good"], "normalize_embeddings": False}
    (folder / "config_setfit.json").write_text(json.dumps(settings))
    return folder


@pytest.mark.parametrize("rows", [1, 2])
def test_a_sentence_encoder_with_a_linear_head_is_a_classifier(
    encoder: Path, tmp_path: Path, rows: int
) -> None:
    from safetensors.torch import load_file
    from transformers import AutoTokenizer, BertModel

    path = with_head(encoder, tmp_path / "model", rows)
    settings = Quality(by="classifier", model=str(path), good_label="good", max_tokens=32)
    found = scorer(settings, "unused")(PAIRS)

    head = load_file(path / "model_head.safetensors")
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    model = BertModel.from_pretrained(encoder).eval()
    with torch.inference_mode():
        for score, (prompt, output) in zip(found, PAIRS, strict=True):
            ids = tokenizer(
                f"{prompt}\n{output}", truncation=True, max_length=32, return_tensors="pt"
            )
            logits = head["weight"] @ model(**ids).last_hidden_state[0].mean(0) + head["bias"]
            want = logits[0].sigmoid() if rows == 1 else logits.softmax(0)[1]
            assert score == pytest.approx(want.item(), abs=1e-4)
    assert scorer(settings, "unused")([]) == []


def test_a_pickled_head_is_refused_with_a_way_out(encoder: Path, tmp_path: Path) -> None:
    path = shutil.copytree(encoder, tmp_path / "setfit")
    (path / "model_head.pkl").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    settings = Quality(by="classifier", model=str(path), good_label="good")
    with pytest.raises(InputError, match=r"model_head\.pkl, a pickle.*model_head\.safetensors"):
        scorer(settings, "unused")
    broken = with_head(encoder, tmp_path / "broken", 3)
    with pytest.raises(InputError, match=r"weight \[3, 32\].*must be \[2, 32\]"):
        scorer(Quality(by="classifier", model=str(broken), good_label="good"), "unused")
