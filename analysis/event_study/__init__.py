"""Event studies: abnormal returns around dated events, the same code for real prices and for those of the model.

A market model is fitted by least squares on the days before the event, and what the share then did beyond it is the
abnormal return (Brown and Warner 1985, doi:10.1016/0304-405X(85)90042-X; MacKinlay 1997).
"""
