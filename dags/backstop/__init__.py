"""What the DAGs and `make reprocess` share: which day or month, which steps, how a step is run and judged.

Only `operators` and `alerts` import Airflow; the rest is the standard library, so that a day can be redone without it.
"""
