"""ConvScope's engine: convolutional networks in NumPy that can say how every number was made.

It knows no HTTP, no image codec and no file of the application. Arrays are NCHW; positions are
(row, column); convolution is cross-correlation unless ``flip=True``.
"""
