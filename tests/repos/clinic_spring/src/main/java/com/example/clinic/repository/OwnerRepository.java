package com.example.clinic.repository;

import com.example.clinic.model.Owner;
import org.springframework.data.jpa.repository.JpaRepository;

public interface OwnerRepository extends JpaRepository<Owner, Long> {

    boolean existsByEmail(String email);
}
