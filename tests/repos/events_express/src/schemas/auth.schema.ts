import { z } from 'zod';

export const loginSchema = z.object({
  email: z.email().max(254),
  password: z.string().min(8).max(200),
});

export type LoginInput = z.infer<typeof loginSchema>;
