import sys

print("plain", sys.argv[1:])
