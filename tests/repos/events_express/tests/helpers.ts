import type { Role } from '@prisma/client';
import jwt from 'jsonwebtoken';
import { env } from '../src/config/env.js';
import { prisma } from '../src/lib/prisma.js';

let made = 0;

export async function createUser(role: Role = 'USER') {
  made += 1;
  return prisma.user.create({
    data: { email: `user${made}@example.com`, name: `User ${made}`, passwordHash: '', role },
  });
}

export function tokenFor(user: { id: number; role: Role }) {
  return jwt.sign({ role: user.role }, env.JWT_SECRET, {
    subject: String(user.id),
    expiresIn: '1h',
  });
}

export async function resetDatabase() {
  await prisma.$executeRawUnsafe('TRUNCATE TABLE users, venues, events RESTART IDENTITY CASCADE');
}
