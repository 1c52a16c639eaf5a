import { Router } from 'express';
import * as venueController from '../controllers/venue.controller.js';
import { authenticate, requireRole } from '../middlewares/authenticate.js';
import { validate } from '../middlewares/validate.js';
import { createVenueSchema, updateVenueSchema } from '../schemas/venue.schema.js';

const router = Router();

router.get('/', venueController.listVenues);
router.get('/:id', venueController.getVenue);
router.post(
  '/',
  authenticate,
  requireRole('ADMIN'),
  validate({ body: createVenueSchema }),
  venueController.createVenue,
);
router.patch(
  '/:id',
  authenticate,
  requireRole('ADMIN'),
  validate({ body: updateVenueSchema }),
  venueController.updateVenue,
);
router.delete('/:id', authenticate, requireRole('ADMIN'), venueController.deleteVenue);

export default router;
