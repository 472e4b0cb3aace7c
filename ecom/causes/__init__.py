"""Why a process ended or did not start, from its error, its log, Ray and the machine.

    last_words.py    a log, reduced to the error or the signal that ended its process
    processes.py     a process of this machine: its log, its children, free memory
    actors.py        a process that Ray started, on any node

Serve, train and predict put the result into the errors that they raise.
"""
