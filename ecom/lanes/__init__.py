"""What a question's form lets the engine write, and what is read from it; serve's and predict's.

prompt ─► form, labels offered ─► sampling ─► (vLLM, numbers by NumbersOnly) ─► text ─► answer

multiple choice       one token, a label that the prompt offers; the probability of each
retrieval, ranking    "a,b,c": distinct numbers of items that the prompt lists
all other forms       their own token limit
"""

from ecom.lanes.decoding import Lane, confidences, label_ids, lane, too_long

__all__ = ["Lane", "confidences", "label_ids", "lane", "too_long"]
