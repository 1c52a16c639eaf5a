import type { NextFunction, Request, Response } from 'express';
import type { ZodType } from 'zod';

interface Schemas {
  body?: ZodType;
  params?: ZodType;
  query?: ZodType;
}

export const validate =
  (schemas: Schemas) => (req: Request, _res: Response, next: NextFunction) => {
    schemas.params?.parse(req.params);
    schemas.query?.parse(req.query);
    if (schemas.body) req.body = schemas.body.parse(req.body);
    next();
  };
