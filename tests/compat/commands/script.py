import os
import sys

import mlrun
from beside import WORD

if __name__ == "__main__":
    context = mlrun.get_or_create_ctx("script")
    context.log_result("doubled", context.get_param("x", 1) * 2)
    context.log_results({"word": WORD, "arguments": sys.argv[1:]})
    context.log_result("beside", os.path.exists("data.csv"))
    context.log_artifact("note", body=b"hello", local_path="note.txt")
