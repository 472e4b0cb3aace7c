"""Why a process ended or did not start: what its error, its log, Ray and the machine say.

    last_words.py    a log, cut down to the error or the signal that ended its process
    processes.py     a process of this machine: its log, its children, free memory
    actors.py        a process that Ray started, on whichever node

Serve, train and predict put what comes out into the errors that they raise.
"""
