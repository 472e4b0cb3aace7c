"""The whole recipe as a Ray job; prints the table of stages and the table of scores.

ray job submit --working-dir . -- python ray_jobs/pipeline.py recipes/quickstart.yaml [key=value …]
"""

import sys

from ecom.cli import main

if __name__ == "__main__":
    main(["run", *sys.argv[1:]])
