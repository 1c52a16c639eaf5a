import express from 'express';
import { NotFoundError } from './errors/AppError.js';
import { errorHandler } from './middlewares/errorHandler.js';
import routes from './routes/index.js';

export const app = express();

app.use(express.json());
app.get('/health', (_req, res) => {
  res.json({ status: 'ok' });
});
app.use('/api/v1', routes);
app.use((req) => {
  throw new NotFoundError(`Nothing at ${req.path}`);
});
app.use(errorHandler);
