package com.example.clinic.dto;

import com.example.clinic.model.Pet;
import com.example.clinic.model.Species;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;

public record PetResponse(
        Long id,
        String name,
        Species species,
        LocalDate bornOn,
        BigDecimal weightKg,
        Long ownerId,
        Instant createdAt) {

    public static PetResponse from(Pet pet) {
        return new PetResponse(
                pet.getId(),
                pet.getName(),
                pet.getSpecies(),
                pet.getBornOn(),
                pet.getWeightKg(),
                pet.getOwner().getId(),
                pet.getCreatedAt());
    }
}
