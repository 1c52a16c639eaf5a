from src.exceptions import Conflict, NotAuthenticated


class InvalidCredentials(NotAuthenticated):
    CODE = "invalid_credentials"
    MESSAGE = "Wrong email or password"


class InvalidToken(NotAuthenticated):
    CODE = "invalid_token"
    MESSAGE = "The token is not valid"


class EmailTaken(Conflict):
    CODE = "email_taken"
    MESSAGE = "There is a user with this email already"
