import type { Request, Response } from 'express';
import { idParamsSchema } from '../schemas/common.schema.js';
import { listEventsQuerySchema } from '../schemas/event.schema.js';
import * as eventService from '../services/event.service.js';
import { asyncHandler } from '../utils/asyncHandler.js';

export const listEvents = asyncHandler(async (req: Request, res: Response) => {
  const query = listEventsQuerySchema.parse(req.query);
  const { items, total } = await eventService.listEvents(query);
  res.json({ data: items, meta: { page: query.page, limit: query.limit, total } });
});

export const getEvent = asyncHandler(async (req: Request, res: Response) => {
  const { id } = idParamsSchema.parse(req.params);
  const event = await eventService.getEvent(id);
  res.json({ data: event });
});

export const createEvent = asyncHandler(async (req: Request, res: Response) => {
  const event = await eventService.createEvent(req.body, req.user!);
  res.status(201).json({ data: event });
});

export const updateEvent = asyncHandler(async (req: Request, res: Response) => {
  const { id } = idParamsSchema.parse(req.params);
  const event = await eventService.updateEvent(id, req.body, req.user!);
  res.json({ data: event });
});

export const deleteEvent = asyncHandler(async (req: Request, res: Response) => {
  const { id } = idParamsSchema.parse(req.params);
  await eventService.deleteEvent(id, req.user!);
  res.status(204).send();
});
