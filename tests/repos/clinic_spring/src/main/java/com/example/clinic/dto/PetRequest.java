package com.example.clinic.dto;

import com.example.clinic.model.Species;
import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PastOrPresent;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import java.math.BigDecimal;
import java.time.LocalDate;

public record PetRequest(
        @NotBlank @Size(max = 80) String name,
        @NotNull Species species,
        @PastOrPresent LocalDate bornOn,
        @Positive @Digits(integer = 4, fraction = 2) BigDecimal weightKg,
        @NotNull Long ownerId) {
}
