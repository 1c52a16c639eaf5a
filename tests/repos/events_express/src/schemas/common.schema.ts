import { z } from 'zod';

export const MAX_ID = 2147483647;

export const idParamsSchema = z.object({
  id: z.coerce.number().int().min(1).max(MAX_ID),
});

export const pageQuerySchema = z.object({
  page: z.coerce.number().int().min(1).max(1000000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
