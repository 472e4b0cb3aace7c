"""Will it fit? The memory of training and serving, in GiB per GPU, before anything is spent.

    base: the config.json ─► outline: the model without weights, three layers of it
        ─► micro_batch: one batch forward and backward without numbers, every allocation counted
        ─► training: weights, gradients, optimizer, activations, work space, against hardware.py
        ─► adapters: how many train.per makes, their steps and disk
        ─► serving: 4-bit weights, KV cache, what does not divide
        ─► advice: settings that fit when planned in the same way
        ─► contest: at a measured rate, the minutes of its five tracks
        ─► baselines: the most requests, tokens and cost

Assumptions, besides what ecom/train does (its model.py, ddp.py, zero.py):

  - all layers are alike, so the memory of any number follows from three of them;
  - the worst batch occurs: `tokens_per_batch` tokens, in rows as long as `corpus.max_tokens`
    allows, each of which predicts a token of the loss;
  - attention keeps what FlashAttention keeps, linear in tokens, and there is no padding mask. A
    GPU without FlashAttention (T4, V100) uses PyTorch's memory-efficient kernel, which is linear
    too, and for which key and value are repeated for each of their query heads;
  - fragmentation of the allocator is not counted; 5 % of the GPU is reserved for it.
"""
