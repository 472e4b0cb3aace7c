"""`ecom doctor`: what this machine has, what follows from it, and what to do where it falls short.

    processor, memory, storage, gpus, packages, ray, network      each look() -> judge()
        ─► checks: all of them, none of which can end the command
        ─► follows: what the quickstart, training, compressing and serving can count on here
        ─► report: a table, a short form, JSON

A module's `look` reads the machine and returns plain facts; its `judge` turns facts into findings.
It has to work on machines where little else does, so a check imports what it needs by itself.
"""
