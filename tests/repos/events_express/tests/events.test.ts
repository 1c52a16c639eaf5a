import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { app } from '../src/app.js';
import { prisma } from '../src/lib/prisma.js';
import { createUser, resetDatabase, tokenFor } from './helpers.js';

const URL = '/api/v1/events';

describe('events', () => {
  let token: string;
  let venueId: number;

  beforeEach(async () => {
    await resetDatabase();
    token = tokenFor(await createUser());
    const venue = await prisma.venue.create({
      data: { name: 'Town Hall', city: 'Ghent', capacity: 300 },
    });
    venueId = venue.id;
  });

  const concert = () => ({ title: 'Concert', startsAt: '2030-01-01T20:00:00Z', venueId });

  it('creates an event', async () => {
    const res = await request(app)
      .post(URL)
      .set('Authorization', `Bearer ${token}`)
      .send(concert());
    expect(res.status).toBe(201);
    expect(res.body.data.status).toBe('draft');
  });

  it('asks for a token', async () => {
    const res = await request(app).post(URL).send(concert());
    expect(res.status).toBe(401);
  });

  it('leaves an event to its organizer', async () => {
    const created = await request(app)
      .post(URL)
      .set('Authorization', `Bearer ${token}`)
      .send(concert());
    const other = tokenFor(await createUser());
    const res = await request(app)
      .delete(`${URL}/${created.body.data.id}`)
      .set('Authorization', `Bearer ${other}`);
    expect(res.status).toBe(403);
  });
});
