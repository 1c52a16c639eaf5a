from src.exceptions import Conflict, NotFound


class AppointmentNotFound(NotFound):
    CODE = "appointment_not_found"
    MESSAGE = "There is no such appointment"


class PractitionerNotFound(NotFound):
    CODE = "practitioner_not_found"
    MESSAGE = "There is no such practitioner"


class SlotTaken(Conflict):
    CODE = "slot_taken"
    MESSAGE = "The practitioner has an appointment at this time already"
