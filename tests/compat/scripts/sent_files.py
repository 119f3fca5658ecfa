"""What MLRun's own images do with artifacts that the service keeps: their client sends them."""

import json
import os
import sys

import mlrun
import pandas as pd

where = sys.argv[1]
store = mlrun.get_dataitem(f"{where}/plain.txt")
store.put("abc")
store.put("def", append=True)
seen = {"text": store.get(encoding="utf-8"), "size": store.stat().size}
seen["part"] = store.get(size=2, offset=1, encoding="utf-8")

big = os.path.abspath("big.bin")
with open(big, "wb") as file:
    file.write(b"0123456789" * 2_500_000)
mlrun.get_dataitem(f"{where}/big.bin").upload(big)
seen["big"] = mlrun.get_dataitem(f"{where}/big.bin").stat().size
mlrun.get_dataitem(f"{where}/big.bin").download(os.path.abspath("again.bin"))
with open("again.bin", "rb") as one, open(big, "rb") as two:
    seen["same"] = one.read() == two.read()

frame = pd.DataFrame({"a": range(1000)})
for kind, target in (
    ("csv", mlrun.datastore.targets.CSVTarget),
    ("parquet", mlrun.datastore.targets.ParquetTarget),
):
    path = f"{where}/table.{kind}"
    target(path=path).write_dataframe(frame)
    seen[kind] = int(mlrun.get_dataitem(path).as_df()["a"].sum())
store.delete()
try:
    store.get()
except mlrun.errors.MLRunNotFoundError:
    seen["gone"] = True
print(json.dumps(seen))
