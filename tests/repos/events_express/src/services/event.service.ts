import { Prisma } from '@prisma/client';
import { ForbiddenError, NotFoundError, UnprocessableError } from '../errors/AppError.js';
import { prisma } from '../lib/prisma.js';
import type { AuthUser } from '../middlewares/authenticate.js';
import type {
  CreateEventInput,
  ListEventsQuery,
  UpdateEventInput,
} from '../schemas/event.schema.js';

export async function listEvents(query: ListEventsQuery) {
  const where: Prisma.EventWhereInput = { status: query.status };
  const [items, total] = await prisma.$transaction([
    prisma.event.findMany({
      where,
      orderBy: { id: 'asc' },
      skip: (query.page - 1) * query.limit,
      take: query.limit,
    }),
    prisma.event.count({ where }),
  ]);
  return { items, total };
}

export async function getEvent(id: number) {
  const event = await prisma.event.findUnique({ where: { id } });
  if (!event) throw new NotFoundError('Event not found');
  return event;
}

export async function createEvent(input: CreateEventInput, user: AuthUser) {
  try {
    return await prisma.event.create({ data: { ...input, organizerId: user.id } });
  } catch (error) {
    throw translated(error);
  }
}

export async function updateEvent(id: number, input: UpdateEventInput, user: AuthUser) {
  await ownEvent(id, user);
  try {
    return await prisma.event.update({ where: { id }, data: input });
  } catch (error) {
    throw translated(error);
  }
}

export async function deleteEvent(id: number, user: AuthUser) {
  await ownEvent(id, user);
  await prisma.event.delete({ where: { id } });
}

async function ownEvent(id: number, user: AuthUser) {
  const event = await getEvent(id);
  if (event.organizerId !== user.id && user.role !== 'ADMIN') throw new ForbiddenError();
  return event;
}

function translated(error: unknown) {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003') {
    return new UnprocessableError('There is no such venue');
  }
  return error;
}
