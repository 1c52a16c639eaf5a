import type { Request, Response } from 'express';
import * as authService from '../services/auth.service.js';
import { asyncHandler } from '../utils/asyncHandler.js';

export const login = asyncHandler(async (req: Request, res: Response) => {
  const token = await authService.login(req.body);
  res.json({ data: { token } });
});
