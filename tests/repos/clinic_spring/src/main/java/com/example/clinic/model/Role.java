package com.example.clinic.model;

public enum Role {
    USER,
    ADMIN
}
