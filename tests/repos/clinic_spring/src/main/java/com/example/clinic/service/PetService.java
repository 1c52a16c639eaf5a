package com.example.clinic.service;

import com.example.clinic.dto.PageResponse;
import com.example.clinic.dto.PetRequest;
import com.example.clinic.dto.PetResponse;
import com.example.clinic.exception.BadRequestException;
import com.example.clinic.exception.NotFoundException;
import com.example.clinic.model.Owner;
import com.example.clinic.model.Pet;
import com.example.clinic.model.Species;
import com.example.clinic.repository.OwnerRepository;
import com.example.clinic.repository.PetRepository;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Sort;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
public class PetService {

    private final PetRepository petRepository;
    private final OwnerRepository ownerRepository;

    public PetService(PetRepository petRepository, OwnerRepository ownerRepository) {
        this.petRepository = petRepository;
        this.ownerRepository = ownerRepository;
    }

    @Transactional(readOnly = true)
    public PageResponse<PetResponse> list(Species species, int page, int size) {
        Specification<Pet> wanted = (root, query, builder) ->
                species == null ? builder.conjunction() : builder.equal(root.get("species"), species);
        return PageResponse.from(
                petRepository.findAll(wanted, PageRequest.of(page, size, Sort.by("id"))).map(PetResponse::from));
    }

    @Transactional(readOnly = true)
    public PetResponse get(Long id) {
        return PetResponse.from(find(id));
    }

    @Transactional
    public PetResponse create(PetRequest request) {
        Pet pet = new Pet();
        apply(pet, request);
        return PetResponse.from(petRepository.save(pet));
    }

    @Transactional
    public PetResponse update(Long id, PetRequest request) {
        Pet pet = find(id);
        apply(pet, request);
        return PetResponse.from(petRepository.save(pet));
    }

    @Transactional
    public void delete(Long id) {
        petRepository.delete(find(id));
    }

    private Pet find(Long id) {
        return petRepository.findById(id).orElseThrow(() -> new NotFoundException("Pet not found"));
    }

    private void apply(Pet pet, PetRequest request) {
        Owner owner = ownerRepository
                .findById(request.ownerId())
                .orElseThrow(() -> new BadRequestException("There is no such owner"));
        pet.setName(request.name());
        pet.setSpecies(request.species());
        pet.setBornOn(request.bornOn());
        pet.setWeightKg(request.weightKg());
        pet.setOwner(owner);
    }
}
