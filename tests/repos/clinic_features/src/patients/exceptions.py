from src.exceptions import Conflict, NotFound


class PatientNotFound(NotFound):
    CODE = "patient_not_found"
    MESSAGE = "There is no such patient"


class RecordNumberTaken(Conflict):
    CODE = "record_number_taken"
    MESSAGE = "There is a patient with this record number already"


class PatientInUse(Conflict):
    CODE = "patient_in_use"
    MESSAGE = "Other records refer to this patient"
