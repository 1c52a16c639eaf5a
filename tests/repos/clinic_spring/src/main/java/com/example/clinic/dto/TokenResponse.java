package com.example.clinic.dto;

public record TokenResponse(String token) {
}
