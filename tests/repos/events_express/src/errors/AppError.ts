export class AppError extends Error {
  constructor(
    public readonly statusCode: number,
    message: string,
    public readonly code = 'error',
  ) {
    super(message);
  }
}

export class NotFoundError extends AppError {
  constructor(message: string) {
    super(404, message, 'not_found');
  }
}

export class ConflictError extends AppError {
  constructor(message: string) {
    super(409, message, 'conflict');
  }
}

export class ForbiddenError extends AppError {
  constructor(message = 'You may not do this') {
    super(403, message, 'forbidden');
  }
}

export class UnauthorizedError extends AppError {
  constructor(message = 'Sign in first') {
    super(401, message, 'unauthorized');
  }
}

export class UnprocessableError extends AppError {
  constructor(message: string) {
    super(422, message, 'unprocessable');
  }
}
