"""The texts that a question offers, as a trie of tokens: which tokens may come next.

One text is cut at the token that tells it from all others: "Home > Kitchen > Pans" is known when no
other text begins like it, level by level. Several texts are written whole, with commas.

Inside vLLM it masks all other tokens (processor.py); afterwards it reads what was written.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from ecom.forms.texts import SEPARATOR


@dataclass(slots=True)
class Node:
    """A point of the trie.

    then     the points after it, by token
    text     index of the text that is complete here
    inside   indices of all texts at or below it
    """

    then: dict[int, "Node"] = field(default_factory=dict)
    text: int | None = None
    inside: set[int] = field(default_factory=set)


State = tuple[Node, tuple[int, ...]]  # a point, and the texts completed before it


@dataclass(frozen=True)
class Trie:
    """The texts at the beginning of an answer, and those after another text and a comma.

    end     the token that ends an answer
    """

    first: Node
    later: Node
    least: int
    most: int
    end: int

    def allowed(self, written: Sequence[int]) -> list[int]:
        """Return the tokens that may follow."""
        found: dict[int, None] = {}
        for node, chosen in self._at(written):
            found |= dict.fromkeys(_open(node, set(chosen)))
            if node.text is None or node.text in chosen:
                continue
            count = len(chosen) + 1
            if count >= self.least:
                found[self.end] = None
            if count < self.most:
                found |= dict.fromkeys(_open(self.later, {*chosen, node.text}))
        return list(found) or [self.end]

    def read(self, written: Sequence[int]) -> list[int]:
        """Return the indices of the texts that were written, in their order.

        A text that ended at the token limit counts where only one text begins like it.
        """
        if written and written[-1] == self.end:
            written = written[:-1]
        found = [[*chosen, *_last(node, chosen)] for node, chosen in self._at(written)]
        return max(found, key=len, default=[])

    def _at(self, written: Sequence[int]) -> list[State]:
        """Return each way to read the tokens: where they lead, and the texts completed before.

        There are several where a text has a comma in it, as "red, dark" beside "red".
        """
        states: list[State] = [(self.first, ())]
        for token in written:
            states = [after for state in states for after in self._after(state, token)]
        return states

    def _after(self, state: State, token: int) -> Iterator[State]:
        node, chosen = state
        if token in node.then:
            yield node.then[token], chosen
        is_text = node.text is not None and node.text not in chosen
        if is_text and len(chosen) + 1 < self.most and token in self.later.then:
            assert node.text is not None
            yield self.later.then[token], (*chosen, node.text)


def build(texts: Sequence[str], least: int, most: int, tokenizer: Any) -> Trie:
    """Return the trie of the texts; `tokenizer` is one of transformers."""
    end = tokenizer.eos_token_id
    first = _ids(texts, tokenizer)
    if most == 1:
        return Trie(_cut(_nodes(first)), Node(), least, most, end)
    later = _ids([SEPARATOR + text for text in texts], tokenizer)
    return Trie(_nodes(first), _nodes(later), least, most, end)


def depth(node: Node) -> int:
    """Return the number of tokens of the longest way down from a point."""
    return max((1 + depth(below) for below in node.then.values()), default=0)


def _ids(texts: Sequence[str], tokenizer: Any) -> list[list[int]]:
    found: list[list[int]] = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    return found


def _nodes(texts: Sequence[Sequence[int]]) -> Node:
    root = Node()
    for index, ids in enumerate(texts):
        node = root
        node.inside.add(index)
        for token in ids:
            node = node.then.setdefault(token, Node())
            node.inside.add(index)
        if node.text is None:
            node.text = index
    return root


def _cut(node: Node) -> Node:
    """Return the trie in which a text ends as soon as no other one is possible."""
    if len(node.inside) == 1:
        [text] = node.inside
        return Node({}, text, node.inside)
    for token, below in node.then.items():
        node.then[token] = _cut(below)
    return node


def _last(node: Node, chosen: Sequence[int]) -> list[int]:
    """Return the text at a point, if it is a complete or the only one and not chosen before."""
    [text] = [node.text] if node.text is not None or len(node.inside) != 1 else node.inside
    return [] if text is None or text in chosen else [text]


def _open(node: Node, chosen: Set[int]) -> Iterator[int]:
    """Yield the tokens that lead to a text that is not chosen yet."""
    for token, below in node.then.items():
        if not chosen or below.inside - chosen:
            yield token
