"""A mergeable profile of each column: what monitoring compares later data with.

    baseline = profile.baseline(arrays, columns)         # at training time, stored with the model
    today = profile.parquet("rows.parquet", baseline)    # one pass, bounded memory, any file size
    week = profile.merge(today, yesterday)               # exact, in any order and grouping
    text = json.dumps(profile.document(week), sort_keys=True)

Needs numpy and pyarrow only. How numbers are counted: modelyard.profile.scale and .numbers.
"""

from modelyard.profile.columns import CategoryProfile as CategoryProfile
from modelyard.profile.columns import ColumnProfile as ColumnProfile
from modelyard.profile.columns import NumberProfile as NumberProfile
from modelyard.profile.columns import Profile as Profile
from modelyard.profile.columns import joined as joined
from modelyard.profile.columns import merge as merge
from modelyard.profile.counter import Counter as Counter
from modelyard.profile.counter import batches as batches
from modelyard.profile.counter import empty as empty
from modelyard.profile.document import SCHEMA_VERSION as SCHEMA_VERSION
from modelyard.profile.document import ProfileError as ProfileError
from modelyard.profile.document import document as document
from modelyard.profile.document import parse as parse
from modelyard.profile.files import baseline_of_parquet as baseline_of_parquet
from modelyard.profile.files import csv as csv
from modelyard.profile.files import json_lines as json_lines
from modelyard.profile.files import parquet as parquet
from modelyard.profile.fitting import PREDICTION as PREDICTION
from modelyard.profile.fitting import PROBABILITY as PROBABILITY
from modelyard.profile.fitting import as_batch as as_batch
from modelyard.profile.fitting import baseline as baseline
from modelyard.profile.fitting import predictions as predictions
