import type { Request, Response } from 'express';
import { idParamsSchema } from '../schemas/common.schema.js';
import { listVenuesQuerySchema } from '../schemas/venue.schema.js';
import * as venueService from '../services/venue.service.js';
import { asyncHandler } from '../utils/asyncHandler.js';

export const listVenues = asyncHandler(async (req: Request, res: Response) => {
  const query = listVenuesQuerySchema.parse(req.query);
  const { items, total } = await venueService.listVenues(query);
  res.json({ data: items, meta: { page: query.page, limit: query.limit, total } });
});

export const getVenue = asyncHandler(async (req: Request, res: Response) => {
  const { id } = idParamsSchema.parse(req.params);
  const venue = await venueService.getVenue(id);
  res.json({ data: venue });
});

export const createVenue = asyncHandler(async (req: Request, res: Response) => {
  const venue = await venueService.createVenue(req.body);
  res.status(201).json({ data: venue });
});

export const updateVenue = asyncHandler(async (req: Request, res: Response) => {
  const { id } = idParamsSchema.parse(req.params);
  const venue = await venueService.updateVenue(id, req.body);
  res.json({ data: venue });
});

export const deleteVenue = asyncHandler(async (req: Request, res: Response) => {
  const { id } = idParamsSchema.parse(req.params);
  await venueService.deleteVenue(id);
  res.status(204).send();
});
