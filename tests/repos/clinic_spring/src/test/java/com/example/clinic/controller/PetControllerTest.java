package com.example.clinic.controller;

import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.delete;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import com.example.clinic.model.Owner;
import com.example.clinic.repository.OwnerRepository;
import com.example.clinic.repository.PetRepository;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.web.servlet.AutoConfigureMockMvc;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.http.MediaType;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.web.servlet.MockMvc;

@SpringBootTest
@AutoConfigureMockMvc
@ActiveProfiles("test")
class PetControllerTest {

    @Autowired
    private MockMvc mockMvc;

    @Autowired
    private OwnerRepository ownerRepository;

    @Autowired
    private PetRepository petRepository;

    private Owner owner;

    @BeforeEach
    void setUp() {
        petRepository.deleteAll();
        ownerRepository.deleteAll();
        owner = new Owner();
        owner.setFullName("Anna Berg");
        owner.setEmail("anna@example.com");
        owner = ownerRepository.save(owner);
    }

    @Test
    void createsAndListsPets() throws Exception {
        created("Molly", "CAT");
        created("Rex", "DOG");
        mockMvc.perform(get("/api/v1/pets").param("species", "DOG"))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.items[0].name").value("Rex"))
                .andExpect(jsonPath("$.total").value(1));
    }

    @Test
    void refusesAPetOfNobody() throws Exception {
        mockMvc.perform(post("/api/v1/pets")
                        .with(user("anna").roles("USER"))
                        .contentType(MediaType.APPLICATION_JSON)
                        .content("{\"name\": \"Molly\", \"species\": \"CAT\", \"ownerId\": 0}"))
                .andExpect(status().isBadRequest());
    }

    @Test
    void refusesToDeleteAnOwnerWithPets() throws Exception {
        created("Molly", "CAT");
        mockMvc.perform(delete("/api/v1/owners/{id}", owner.getId()).with(user("admin").roles("ADMIN")))
                .andExpect(status().isConflict());
    }

    private void created(String name, String species) throws Exception {
        String body = "{\"name\": \"%s\", \"species\": \"%s\", \"weightKg\": 4.20, \"ownerId\": %d}"
                .formatted(name, species, owner.getId());
        mockMvc.perform(post("/api/v1/pets")
                        .with(user("anna").roles("USER"))
                        .contentType(MediaType.APPLICATION_JSON)
                        .content(body))
                .andExpect(status().isCreated());
    }
}
