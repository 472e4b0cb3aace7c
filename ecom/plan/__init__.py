"""Will it fit? The memory of training and of serving, in GiB a GPU, before anything is spent.

    base: the config.json ─► outline: the model without weights, three layers of it
        ─► micro_batch: one batch forward and backward without numbers, every allocation counted
        ─► training: weights, gradients, optimizer, activations, work space, against hardware.py
        ─► adapters: how many train.per makes, their steps and disk
        ─► serving: 4-bit weights, KV cache, what does not divide
        ─► advice: settings that were tried in the same way and fit
        ─► contest: at a measured rate, the minutes of its five tracks
        ─► baselines: requests, tokens and their price, at most

What is assumed, besides what ecom/train does (its model.py, ddp.py, zero.py):

  - all layers are alike, so the memory of any number follows from three of them;
  - the worst batch comes: `tokens_per_batch` tokens, in rows as long as `corpus.max_tokens` lets
    them be, each of which predicts a token that the loss is taken on;
  - attention keeps what FlashAttention keeps, linear in tokens, and there is no padding mask. A
    GPU without FlashAttention (T4, V100) has PyTorch's memory-efficient kernel, as linear, for
    which key and value are repeated for every query head that they serve;
  - the allocator's fragments are not counted; 5 % of the GPU is left for them.
"""
