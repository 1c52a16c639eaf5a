package com.example.clinic.dto;

import com.example.clinic.model.Owner;
import java.time.Instant;

public record OwnerResponse(Long id, String fullName, String email, String phone, Instant createdAt) {

    public static OwnerResponse from(Owner owner) {
        return new OwnerResponse(
                owner.getId(), owner.getFullName(), owner.getEmail(), owner.getPhone(), owner.getCreatedAt());
    }
}
