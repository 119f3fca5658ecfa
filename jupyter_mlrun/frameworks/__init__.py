"""Training that logs itself: models of scikit-learn, XGBoost, LightGBM, ONNX, PyTorch, Keras."""
