"""The predict stage as a Ray job; prints what it made and where.

ray job submit --working-dir . -- python ray_jobs/predict.py recipes/quickstart.yaml [key=value …]
"""

import sys

from ecom.cli import main

if __name__ == "__main__":
    main(["predict", *sys.argv[1:]])
