package com.example.clinic.service;

import com.example.clinic.dto.OwnerRequest;
import com.example.clinic.dto.OwnerResponse;
import com.example.clinic.dto.PageResponse;
import com.example.clinic.exception.ConflictException;
import com.example.clinic.exception.NotFoundException;
import com.example.clinic.model.Owner;
import com.example.clinic.repository.OwnerRepository;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Sort;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
public class OwnerService {

    private final OwnerRepository ownerRepository;

    public OwnerService(OwnerRepository ownerRepository) {
        this.ownerRepository = ownerRepository;
    }

    @Transactional(readOnly = true)
    public PageResponse<OwnerResponse> list(int page, int size) {
        return PageResponse.from(
                ownerRepository.findAll(PageRequest.of(page, size, Sort.by("id"))).map(OwnerResponse::from));
    }

    @Transactional(readOnly = true)
    public OwnerResponse get(Long id) {
        return OwnerResponse.from(find(id));
    }

    @Transactional
    public OwnerResponse create(OwnerRequest request) {
        if (ownerRepository.existsByEmail(request.email())) {
            throw new ConflictException("An owner with this email exists already");
        }
        Owner owner = new Owner();
        apply(owner, request);
        return OwnerResponse.from(ownerRepository.save(owner));
    }

    @Transactional
    public OwnerResponse update(Long id, OwnerRequest request) {
        Owner owner = find(id);
        if (!owner.getEmail().equals(request.email()) && ownerRepository.existsByEmail(request.email())) {
            throw new ConflictException("An owner with this email exists already");
        }
        apply(owner, request);
        return OwnerResponse.from(ownerRepository.save(owner));
    }

    @Transactional
    public void delete(Long id) {
        ownerRepository.delete(find(id));
    }

    private Owner find(Long id) {
        return ownerRepository.findById(id).orElseThrow(() -> new NotFoundException("Owner not found"));
    }

    private void apply(Owner owner, OwnerRequest request) {
        owner.setFullName(request.fullName());
        owner.setEmail(request.email());
        owner.setPhone(request.phone());
    }
}
