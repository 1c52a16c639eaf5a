import { Router } from 'express';
import * as eventController from '../controllers/event.controller.js';
import { authenticate } from '../middlewares/authenticate.js';
import { validate } from '../middlewares/validate.js';
import { createEventSchema, updateEventSchema } from '../schemas/event.schema.js';

const router = Router();

router.get('/', eventController.listEvents);
router.get('/:id', eventController.getEvent);
router.post('/', authenticate, validate({ body: createEventSchema }), eventController.createEvent);
router.patch(
  '/:id',
  authenticate,
  validate({ body: updateEventSchema }),
  eventController.updateEvent,
);
router.delete('/:id', authenticate, eventController.deleteEvent);

export default router;
