"""The live release as it is told of: its audit and its model card; of the shape of `serving.screening`."""
