import { z } from 'zod';
import { pageQuerySchema } from './common.schema.js';

export const createVenueSchema = z.object({
  name: z.string().min(1).max(100),
  city: z.string().min(1).max(80),
  capacity: z.number().int().min(1).max(1000000),
});

export const updateVenueSchema = createVenueSchema.partial();

export const listVenuesQuerySchema = pageQuerySchema.extend({
  city: z.string().max(80).optional(),
});

export type CreateVenueInput = z.infer<typeof createVenueSchema>;
export type UpdateVenueInput = z.infer<typeof updateVenueSchema>;
export type ListVenuesQuery = z.infer<typeof listVenuesQuerySchema>;
