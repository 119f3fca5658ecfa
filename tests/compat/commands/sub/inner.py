import os

import mlrun


def load(context, data: mlrun.DataItem):
    context.log_result("first", int(data.as_df()["a"][0]))
    context.log_result("folder", os.path.basename(os.getcwd()))
