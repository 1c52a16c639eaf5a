import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { app } from '../src/app.js';
import { createUser, resetDatabase, tokenFor } from './helpers.js';

const URL = '/api/v1/venues';
const hall = { name: 'Town Hall', city: 'Ghent', capacity: 300 };

describe('venues', () => {
  let adminToken: string;
  let userToken: string;

  beforeEach(async () => {
    await resetDatabase();
    adminToken = tokenFor(await createUser('ADMIN'));
    userToken = tokenFor(await createUser());
  });

  it('creates a venue', async () => {
    const res = await request(app)
      .post(URL)
      .set('Authorization', `Bearer ${adminToken}`)
      .send(hall);
    expect(res.status).toBe(201);
    expect(res.body.data).toMatchObject(hall);
  });

  it('is for admins only', async () => {
    const res = await request(app).post(URL).set('Authorization', `Bearer ${userToken}`).send(hall);
    expect(res.status).toBe(403);
  });

  it('refuses a second venue of one name', async () => {
    await request(app).post(URL).set('Authorization', `Bearer ${adminToken}`).send(hall);
    const res = await request(app)
      .post(URL)
      .set('Authorization', `Bearer ${adminToken}`)
      .send(hall);
    expect(res.status).toBe(409);
  });

  it('lists venues of a city', async () => {
    await request(app).post(URL).set('Authorization', `Bearer ${adminToken}`).send(hall);
    const res = await request(app).get(URL).query({ city: 'Ghent' });
    expect(res.status).toBe(200);
    expect(res.body.meta.total).toBe(1);
  });
});
