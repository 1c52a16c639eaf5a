package com.example.clinic.controller;

import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.delete;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.put;
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
class OwnerControllerTest {

    private static final String ANNA = "{\"fullName\": \"Anna Berg\", \"email\": \"anna@example.com\"}";

    @Autowired
    private MockMvc mockMvc;

    @Autowired
    private OwnerRepository ownerRepository;

    @Autowired
    private PetRepository petRepository;

    @BeforeEach
    void empty() {
        petRepository.deleteAll();
        ownerRepository.deleteAll();
    }

    @Test
    void createsAnOwner() throws Exception {
        mockMvc.perform(post("/api/v1/owners")
                        .with(user("admin").roles("ADMIN"))
                        .contentType(MediaType.APPLICATION_JSON)
                        .content(ANNA))
                .andExpect(status().isCreated())
                .andExpect(jsonPath("$.email").value("anna@example.com"));
    }

    @Test
    void refusesASecondOwnerWithTheSameEmail() throws Exception {
        saved();
        mockMvc.perform(post("/api/v1/owners")
                        .with(user("admin").roles("ADMIN"))
                        .contentType(MediaType.APPLICATION_JSON)
                        .content(ANNA))
                .andExpect(status().isConflict());
    }

    @Test
    void leavesOwnersToAdmins() throws Exception {
        mockMvc.perform(post("/api/v1/owners").contentType(MediaType.APPLICATION_JSON).content(ANNA))
                .andExpect(status().isUnauthorized());
        mockMvc.perform(post("/api/v1/owners")
                        .with(user("anna").roles("USER"))
                        .contentType(MediaType.APPLICATION_JSON)
                        .content(ANNA))
                .andExpect(status().isForbidden());
    }

    @Test
    void updatesAndDeletesAnOwner() throws Exception {
        Owner owner = saved();
        mockMvc.perform(put("/api/v1/owners/{id}", owner.getId())
                        .with(user("admin").roles("ADMIN"))
                        .contentType(MediaType.APPLICATION_JSON)
                        .content("{\"fullName\": \"Anna Bergman\", \"email\": \"anna@example.com\"}"))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.fullName").value("Anna Bergman"));
        mockMvc.perform(delete("/api/v1/owners/{id}", owner.getId()).with(user("admin").roles("ADMIN")))
                .andExpect(status().isNoContent());
        mockMvc.perform(get("/api/v1/owners/{id}", owner.getId())).andExpect(status().isNotFound());
    }

    @Test
    void listsOwnersInPages() throws Exception {
        saved();
        mockMvc.perform(get("/api/v1/owners").param("size", "1"))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.items.length()").value(1))
                .andExpect(jsonPath("$.total").value(1));
        mockMvc.perform(get("/api/v1/owners").param("size", "101")).andExpect(status().isBadRequest());
    }

    private Owner saved() {
        Owner owner = new Owner();
        owner.setFullName("Anna Berg");
        owner.setEmail("anna@example.com");
        return ownerRepository.save(owner);
    }
}
