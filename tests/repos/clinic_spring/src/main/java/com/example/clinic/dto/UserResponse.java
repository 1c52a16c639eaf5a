package com.example.clinic.dto;

import com.example.clinic.model.Role;
import com.example.clinic.model.User;

public record UserResponse(Long id, String email, Role role) {

    public static UserResponse from(User user) {
        return new UserResponse(user.getId(), user.getEmail(), user.getRole());
    }
}
