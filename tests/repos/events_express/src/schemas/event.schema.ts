import { z } from 'zod';
import { MAX_ID, pageQuerySchema } from './common.schema.js';

const eventStatus = z.enum(['draft', 'published', 'cancelled']);

export const createEventSchema = z.object({
  title: z.string().min(1).max(120),
  description: z.string().max(2000).nullable().optional(),
  startsAt: z.iso.datetime(),
  status: eventStatus.default('draft'),
  venueId: z.number().int().min(1).max(MAX_ID),
});

export const updateEventSchema = createEventSchema
  .partial()
  .extend({ status: eventStatus.optional() });

export const listEventsQuerySchema = pageQuerySchema.extend({
  status: eventStatus.optional(),
});

export type CreateEventInput = z.infer<typeof createEventSchema>;
export type UpdateEventInput = z.infer<typeof updateEventSchema>;
export type ListEventsQuery = z.infer<typeof listEventsQuerySchema>;
