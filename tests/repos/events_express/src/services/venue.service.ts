import { Prisma } from '@prisma/client';
import { ConflictError, NotFoundError } from '../errors/AppError.js';
import { prisma } from '../lib/prisma.js';
import type {
  CreateVenueInput,
  ListVenuesQuery,
  UpdateVenueInput,
} from '../schemas/venue.schema.js';

export async function listVenues(query: ListVenuesQuery) {
  const where: Prisma.VenueWhereInput = { city: query.city };
  const [items, total] = await prisma.$transaction([
    prisma.venue.findMany({
      where,
      orderBy: { id: 'asc' },
      skip: (query.page - 1) * query.limit,
      take: query.limit,
    }),
    prisma.venue.count({ where }),
  ]);
  return { items, total };
}

export async function getVenue(id: number) {
  const venue = await prisma.venue.findUnique({ where: { id } });
  if (!venue) throw new NotFoundError('Venue not found');
  return venue;
}

export async function createVenue(input: CreateVenueInput) {
  try {
    return await prisma.venue.create({ data: input });
  } catch (error) {
    throw translated(error);
  }
}

export async function updateVenue(id: number, input: UpdateVenueInput) {
  await getVenue(id);
  try {
    return await prisma.venue.update({ where: { id }, data: input });
  } catch (error) {
    throw translated(error);
  }
}

export async function deleteVenue(id: number) {
  await getVenue(id);
  try {
    await prisma.venue.delete({ where: { id } });
  } catch (error) {
    throw translated(error);
  }
}

function translated(error: unknown) {
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    if (error.code === 'P2002') return new ConflictError('A venue of this name exists already');
    if (error.code === 'P2003') return new ConflictError('The venue is in use');
    if (error.code === 'P2025') return new NotFoundError('Venue not found');
  }
  return error;
}
