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
        node, chosen = self._at(written)
        found = list(_open(node, chosen.keys()))
        if node.text is not None and node.text not in chosen:
            count = len(chosen) + 1
            if count >= self.least:
                found.append(self.end)
            if count < self.most:
                found += _open(self.later, {*chosen, node.text})
        return found or [self.end]

    def read(self, written: Sequence[int]) -> list[int]:
        """Return the indices of the texts that were written, in their order.

        A text that ended at the token limit counts where only one text begins like it.
        """
        if written and written[-1] == self.end:
            written = written[:-1]
        node, chosen = self._at(written)
        last = node.text
        if last is None and len(node.inside) == 1:
            [last] = node.inside
        return [*chosen, *([last] if last is not None and last not in chosen else [])]

    def _at(self, written: Sequence[int]) -> tuple[Node, dict[int, None]]:
        """Return the point that the tokens lead to, and the texts completed before it."""
        node, chosen = self.first, dict[int, None]()
        for token in written:
            if token in node.then:
                node = node.then[token]
            elif node.text is not None and token in self.later.then:
                chosen[node.text] = None
                node = self.later.then[token]
            else:  # it was not written from this trie
                break
        return node, chosen


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
        return Node({}, *node.inside, node.inside)
    for token, below in node.then.items():
        node.then[token] = _cut(below)
    return node


def _open(node: Node, chosen: Set[int]) -> Iterator[int]:
    """Yield the tokens that lead to a text that is not chosen yet."""
    for token, below in node.then.items():
        if not chosen or below.inside - chosen:
            yield token
