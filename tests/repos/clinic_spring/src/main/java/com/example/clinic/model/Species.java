package com.example.clinic.model;

public enum Species {
    CAT,
    DOG,
    BIRD,
    OTHER
}
